"""What Daybreak costs beside the plain ways of doing the same, measured side by side in one run."""
