"""Hold what was found against what a person labelled: measures, the worst errors, the curve over a threshold."""
