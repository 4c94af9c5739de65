# kind: rate-too-low
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
t = torch.randint(0, 3, (600,))
x = torch.randn(3, 10)[t] * 1.5 + torch.randn(600, 10)
model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 3))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=1e-5)  #! optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(10):
    for xb, yb in DataLoader(TensorDataset(x, t), batch_size=30, shuffle=True):
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
print("score", (model(x).argmax(1) == t).float().mean().item())
