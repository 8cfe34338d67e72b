"""Which datasets there are: questions by keyword or expression, and the rows that answer."""
