"""The tests of Kayen Desktop."""
