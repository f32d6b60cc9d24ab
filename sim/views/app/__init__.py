"""The page to explore in, made with Streamlit: ``influence app``."""
