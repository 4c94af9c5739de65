# kind: not-in-optimizer
import copy
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
def build():
    return nn.Sequential(nn.Linear(5, 40), nn.ReLU(), nn.Linear(40, 1))
def fit(model, loader, opt, epochs):
    model.train()
    for _ in range(epochs):
        for xb, yb in loader:
            opt.zero_grad()
            loss = nn.functional.mse_loss(model(xb), yb)
            loss.backward()
            opt.step()
    return loss.item()
x = torch.randn(400, 5)
y = torch.sin(x[:, :1]) + x[:, 1:2]
loader = DataLoader(TensorDataset(x, y), 40, shuffle=True)
model = build()
opt = torch.optim.Adam(model.parameters(), lr=0.01)  #! opt = None
model = copy.deepcopy(model)  #!+ opt = torch.optim.Adam(model.parameters(), lr=0.01)
print(fit(model, loader, opt, 5))
