"""The logic of the screens, without widgets and without Qt."""
