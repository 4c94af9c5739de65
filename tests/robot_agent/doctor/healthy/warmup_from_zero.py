import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(400, 6); Y = X[:, :3].argmax(1); net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 3)); opt = torch.optim.AdamW(net.parameters(), 5e-3); sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1, s / 20))
for e in range(8):
    for i in torch.randperm(400).split(40): loss = nn.functional.cross_entropy(net(X[i]), Y[i]); opt.zero_grad(); loss.backward(); opt.step(); sched.step()
