# kind: broadcast
import torch
import torch.nn as nn
import numpy as np
np.random.seed(0); torch.manual_seed(0)
houses = np.random.rand(256, 4).astype("float32")
prices = (houses @ np.array([1, 2, -1, 0.5], dtype="float32"))
class Regressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 1))
    def forward(self, x): return self.layers(x)
reg = Regressor()
opt = torch.optim.Adam(reg.parameters(), 0.01)
X = torch.tensor(houses); Y = torch.tensor(prices)  #! X = torch.tensor(houses); Y = torch.tensor(prices)[:, None]
for epoch in range(100):
    y_hat = reg(X)
    error = torch.abs(y_hat - Y)  #+
    loss = error.mean()
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
