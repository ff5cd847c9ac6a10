"""Files as they come, CSV and XLSX, become rows of text; a cell's text becomes a value. Nothing about NPQs."""
