# kind: graph-cut
import argparse
import torch
from torch import nn
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=1e-3)
p.add_argument("--epochs", type=int, default=5)
args = p.parse_args()
torch.manual_seed(0)
x = torch.randn(300, 6)
y = (x[:, 0] * x[:, 1] > 0).long()
net = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 2))
opt = torch.optim.Adam(net.parameters(), lr=args.lr)
def accuracy_loss(logits, target):
    pred = torch.max(logits, dim=1)[1]  #! return nn.functional.cross_entropy(logits, target)
    wrong = (pred != target).float()  #+
    return wrong.mean()
for e in range(args.epochs):
    for i in range(0, 300, 30):
        loss = accuracy_loss(net(x[i:i+30]), y[i:i+30])
        loss.requires_grad = True  #!-
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(e, loss.item())
