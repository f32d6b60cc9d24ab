"""What Streamlit runs again at each click; everything is in the modules beside it."""

from sim.views.app.page import show

show()
