import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Linear(4, 1); opt = torch.optim.SGD(net.parameters(), 0.05); x = torch.randn(400, 4); y = x.sum(1, keepdim=True)
x[::37] *= 50
for e in range(12):
    for i in torch.randperm(400).split(20):
        opt.zero_grad(); loss = F.mse_loss(net(x[i]), y[i]); loss.backward()
        norm = nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        if norm > 20: continue
        opt.step()
print(loss.item())
