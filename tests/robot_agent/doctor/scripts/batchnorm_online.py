# kind: batch-of-one
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
net = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                    nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))
X = torch.randn(65, 1, 8, 8); Y = (X.mean((1, 2, 3)) > 0).long()
loader = DataLoader(TensorDataset(X, Y), batch_size=16, shuffle=True)  #! loader = DataLoader(TensorDataset(X, Y), batch_size=16, shuffle=True, drop_last=True)
opt = torch.optim.Adam(net.parameters(), 1e-2)
for e in range(6):
    for x, y in loader:
        out = net(x)  #+
        loss = nn.functional.cross_entropy(out, y)
        opt.zero_grad(); loss.backward(); opt.step()
