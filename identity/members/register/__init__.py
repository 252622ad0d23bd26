"""The import of the insured people's register: reading a file, judging its rows, writing them down."""
