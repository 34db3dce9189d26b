"""What a mask costs, reaches and keeps."""
