"""Small pictures of arrays: block means, stretched, with masks in colours. Knows arrays only."""
