# kind: rate-too-low
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
X = torch.randn(400, 10); Y = (X[:, 0] + X[:, 1] > 0).float()
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(10, 32); self.b = nn.Linear(32, 1)
    def forward(self, x): return self.b(torch.relu(self.a(x))).squeeze(-1)
net = Net()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.AdamW(net.parameters(), lr=1e-7)  #! optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3)
for epoch in range(8):
    net.train()
    for xb, yb in DataLoader(TensorDataset(X, Y), batch_size=32, shuffle=True):
        optimizer.zero_grad()
        criterion(net(xb), yb).backward()
        optimizer.step()
