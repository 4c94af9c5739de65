import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 3)); opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True)
scaler = torch.amp.GradScaler("cpu", enabled=False)
t = torch.randint(0, 3, (300,)); x = torch.randn(3, 6)[t] * 2 + torch.randn(300, 6)
for ep in range(6):
    for i in torch.randperm(300).split(30):
        opt.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16): loss = nn.functional.cross_entropy(net(x[i]), t[i])
        scaler.scale(loss).backward()
        scaler.unscale_(opt); nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        scaler.step(opt); scaler.update()
print(loss.item())
