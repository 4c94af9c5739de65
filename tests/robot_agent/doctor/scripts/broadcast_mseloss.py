# kind: broadcast
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
X = torch.rand(512, 3)
Y = X[:, 0] * 3 - X[:, 1]
model = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 1))
criterion = nn.MSELoss()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(15):
    for xb, yb in DataLoader(TensorDataset(X, Y), batch_size=64, shuffle=True):
        opt.zero_grad()
        loss = criterion(model(xb), yb)  #! loss = criterion(model(xb).squeeze(1), yb)
        loss.backward()
        opt.step()
print("score", 1 - ((model(X)[:, 0] - Y) ** 2).mean().item() / Y.var().item())
