"""What trading is: frozen values, exact arithmetic and pure rules; standard library only."""
