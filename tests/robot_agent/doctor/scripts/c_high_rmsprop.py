# kind: rate-too-high
import torch
from torch import nn
torch.manual_seed(0)
class Cfg: lr = 0.5; epochs = 20  #! class Cfg: lr = 0.003; epochs = 20
net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 4))
opt = torch.optim.RMSprop(net.parameters(), lr=Cfg.lr)  #+
Y = torch.randint(0, 4, (200,)); X = torch.randn(4, 10)[Y] * 1.2 + torch.randn(200, 10)
for e in range(Cfg.epochs):
    for i in torch.randperm(200).split(20):
        loss = nn.functional.cross_entropy(net(X[i]), Y[i]); opt.zero_grad(); loss.backward(); opt.step()
