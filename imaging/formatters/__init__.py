"""What lets a data butler keep the objects of this package: one class for each."""
