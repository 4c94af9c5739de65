"""What a service needs: logs, metrics, signs of life, what is kept between two starts."""
