"""What runs the rest: notebooks through papermill, pages as tasks, and what each was made from."""
