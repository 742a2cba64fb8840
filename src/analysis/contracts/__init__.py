"""The only place for what crosses a step: `public` for the record's files, `registers` for tables about persons."""
