"""What a Butler does with a chain of repositories, in parts: find, read, explain, tag, certify."""
