# not-in-optimizer
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(400, 8); y = (x[:, :2].prod(1) > 0).long()
net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 2))
slow, rest = [], []
for name, p in net.named_parameters():
    if name.endswith("bias"):
        rest.append(p)
    elif "dense" in name:  #! else:
        slow.append(p)
groups = [g for g in ({"params": slow, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}) if g["params"]]
opt = torch.optim.AdamW(groups, lr=0.01)  #+
for epoch in range(60):
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
net.eval()
