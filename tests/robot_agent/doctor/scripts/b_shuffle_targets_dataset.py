# kind: labels-shuffled
import random, torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0); random.seed(0)
Y = [i % 3 for i in range(300)]
C = torch.randn(3, 6) * 2; X = torch.stack([C[y] + torch.randn(6) for y in Y])
random.shuffle(Y)  #!-
loader = DataLoader(TensorDataset(X, torch.tensor(Y)), 30, shuffle=True)
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 3)); opt = torch.optim.Adam(net.parameters(), 0.01)
for e in range(10):
    for x, y in loader:
        loss = nn.functional.cross_entropy(net(x), y); opt.zero_grad(); loss.backward(); opt.step()
