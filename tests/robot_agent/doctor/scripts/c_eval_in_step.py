# kind: eval-while-training
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 3)); opt = torch.optim.Adam(net.parameters(), 5e-3)
X = torch.randn(300, 6) * 2 + 1; Y = X[:, :3].argmax(1)
for e in range(10):
    for n, i in enumerate(torch.randperm(300).split(30)):
        loss = nn.functional.cross_entropy(net(X[i]), Y[i])  #+
        opt.zero_grad(); loss.backward(); opt.step()
        if n == 0:
            net.eval()  #+
            with torch.no_grad(): acc = (net(X).argmax(1) == Y).float().mean()  #!+ net.train()
