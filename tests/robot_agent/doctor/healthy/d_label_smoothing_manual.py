import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(300, 6); Y = X[:, :3].argmax(1); net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 3)); opt = torch.optim.SGD(net.parameters(), 0.2)
for e in range(12):
    for i in torch.randperm(300).split(30):
        lp = net(X[i]).log_softmax(1); soft = torch.full_like(lp, 0.05).scatter_(1, Y[i, None], 0.9); loss = -(soft * lp).sum(1).mean(); opt.zero_grad(); loss.backward(); opt.step()
