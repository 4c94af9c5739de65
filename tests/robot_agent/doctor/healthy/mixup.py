import numpy as np, torch
from torch import nn
torch.manual_seed(0); rng = np.random.default_rng(0)
t = torch.randint(0, 3, (300,)); x = torch.randn(3, 8)[t] * 2 + torch.randn(300, 8)
net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 3)); opt = torch.optim.Adam(net.parameters(), lr=0.01)
ce = nn.CrossEntropyLoss(label_smoothing=0.1)
for ep in range(6):
    for i in torch.randperm(300).split(50):
        xb, tb = x[i], t[i]
        lam = rng.beta(0.4, 0.4); p = torch.randperm(len(xb))
        out = net(lam * xb + (1 - lam) * xb[p])
        loss = lam * ce(out, tb) + (1 - lam) * ce(out, tb[p])
        opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
