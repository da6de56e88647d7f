"""From a beat to the words, the references and the shift that an image model is given."""
