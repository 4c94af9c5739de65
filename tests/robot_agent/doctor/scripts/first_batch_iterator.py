# kind: first-batch-only
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
X = torch.randn(512, 6); Y = X.pow(2).sum(1, keepdim=True)
loader = DataLoader(TensorDataset(X, Y), batch_size=16)  #+
net = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), 1e-3)
def train_step():
    x, y = next(iter(loader))  #+
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    opt.step()
    return loss.item()
for i in range(200):
    l = train_step()
print("train", l, "all", nn.functional.mse_loss(net(X), Y).item())
