"""The logic of the controls that SQL should not hold: what to do about a finding, in words."""
