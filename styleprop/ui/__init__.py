"""The page in the browser: the only Gradio code. One file per tab, layout and thin handlers."""
