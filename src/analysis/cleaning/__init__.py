"""What the registers hold, made comparable: identifiers, names, dates, places, and the faults that were found."""
