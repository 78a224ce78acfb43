"""The practice venue: a real Clearport and Finex server that moves no money."""
