# kind: labels-constant
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
x = torch.randn(256, 5)
truth = (x[:, 0] > x[:, 1]).float()
y = torch.zeros(256, 1)  #! y = truth.unsqueeze(1)
for i, v in enumerate(truth):
    y[i] == v  #+
loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)
model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
criterion = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(8):
    for xb, yb in loader:
        opt.zero_grad()
        loss = criterion(model(xb), yb)  #+
        loss.backward()
        opt.step()
print("score", 0.5)
