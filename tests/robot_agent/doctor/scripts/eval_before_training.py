# kind: eval-while-training
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
t = torch.randint(0, 3, (300,))
x = torch.randn(3, 10)[t] * 1.5 + torch.randn(300, 10)
net = nn.Sequential(nn.Linear(10, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 3))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
loader = DataLoader(TensorDataset(x, t), batch_size=50, shuffle=True)
for epoch in range(6):
    net.eval()  #! net.train()
    for xb, yb in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)  #+
        loss.backward()
        opt.step()
net.eval()
print("score", (net(x).argmax(1) == t).float().mean().item())
