"""What goes out of the house: the sheet of a batch, the folder to upload, the disclosure."""
