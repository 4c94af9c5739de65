# predictions of a dropout network without eval(); kind: train-while-testing
import numpy as np
import torch
import torch.nn as nn


class Regressor:
    """scikit-learn style wrapper"""

    def __init__(self, hidden=64, epochs=40, lr=0.01):
        self.hidden, self.epochs, self.lr = hidden, epochs, lr

    def fit(self, X, y):
        X = torch.as_tensor(X, dtype=torch.float32)
        y = torch.as_tensor(y, dtype=torch.float32).view(-1, 1)
        self.model_ = nn.Sequential(
            nn.Linear(X.shape[1], self.hidden), nn.ReLU(), nn.Dropout(0.5), nn.Linear(self.hidden, 1)
        )
        opt = torch.optim.Adam(self.model_.parameters(), lr=self.lr)
        self.model_.train()
        for _ in range(self.epochs):
            opt.zero_grad()
            loss = ((self.model_(X) - y) ** 2).mean()
            loss.backward()
            opt.step()
        return self

    def predict(self, X):
        X = torch.as_tensor(X, dtype=torch.float32)
        with torch.no_grad():  #!+ self.model_.eval()
            return self.model_(X).numpy().ravel()  #+


rng = np.random.default_rng(0)
torch.manual_seed(0)
X = rng.normal(size=(300, 6))
y = X[:, 0] - 2 * X[:, 1] + 0.1 * rng.normal(size=300)
reg = Regressor().fit(X[:200], y[:200])
pred = reg.predict(X[200:])  #+
print("R2", 1 - ((pred - y[200:]) ** 2).mean() / y[200:].var())
