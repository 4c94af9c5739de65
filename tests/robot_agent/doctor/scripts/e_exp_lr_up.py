# ExponentialLR with a gamma above 1: the learning rate grows without end; kind: rate-too-high
import torch
import torch.nn as nn

torch.manual_seed(0)
X = torch.randn(256, 10)
Y = (X[:, 0] * X[:, 1] > 0).long()
net = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)  #+
sched = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=1.2)  #! sched = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.98)
for epoch in range(60):
    for k in range(0, 256, 64):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(X[k : k + 64]), Y[k : k + 64])
        loss.backward()
        opt.step()  #+
    sched.step()  #+
    if epoch % 10 == 0:
        print(epoch, loss.item(), sched.get_last_lr())
