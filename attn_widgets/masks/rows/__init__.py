"""The kept keys of rows, as intervals: their algebra, and forms that hold many rows at once."""
