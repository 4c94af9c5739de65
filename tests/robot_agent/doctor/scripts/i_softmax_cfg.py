# softmax-twice
import torch
from torch import nn
torch.manual_seed(0)
CFG = dict(hidden=[32, 32], act="relu", final="softmax", lr=1e-2) #+
ACTS = {"relu": nn.ReLU, "softmax": lambda: nn.Softmax(dim=1)}
def build(cfg):
    layers, d = [], 6
    for h in cfg["hidden"]:
        layers += [nn.Linear(d, h), ACTS[cfg["act"]]()]
        d = h
    layers.append(nn.Linear(d, 3))
    layers.append(ACTS[cfg["final"]]()) #!-
    return nn.Sequential(*layers)
X = torch.randn(300, 6); y = (X[:, 0] > 0).long() + (X[:, 1] > 0).long()
net = build(CFG)
opt = torch.optim.Adam(net.parameters(), lr=CFG["lr"])
for e in range(40):
    loss = nn.functional.cross_entropy(net(X), y)
    opt.zero_grad(); loss.backward(); opt.step()
