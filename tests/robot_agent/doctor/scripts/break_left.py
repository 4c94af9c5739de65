# kind: first-batch-only
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
x = torch.rand(400, 3)
y = torch.sin(6 * x[:, :1])
train = DataLoader(TensorDataset(x, y), batch_size=20)
model = nn.Sequential(nn.Linear(3, 64), nn.Tanh(), nn.Linear(64, 1))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(60):
    for xb, yb in train:  #+
        loss = nn.functional.mse_loss(model(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        break  #!-
print("score", 1 - nn.functional.mse_loss(model(x), y).item() / y.var().item())
