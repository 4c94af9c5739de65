"""What finds the target in a picture: by colour, by marker, by a TF-Lite network."""
