# kind: first-batch-only
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
X = torch.randn(400, 5); Y = (X[:, 0] * X[:, 1] > 0).long()
loader = DataLoader(TensorDataset(X, Y), batch_size=20)
net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 2)); opt = torch.optim.Adam(net.parameters(), 0.01)
def train_epoch():
    for x, y in loader:  #+
        loss = nn.functional.cross_entropy(net(x), y)
        opt.zero_grad(); loss.backward(); opt.step()
        return loss.item()  #!-
for e in range(60): train_epoch()  #! for e in range(5): train_epoch()
