# kind: softmax-dim
import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(7, 24), nn.ReLU(), nn.Linear(24, 3), nn.LogSoftmax(dim=0))  #! net = nn.Sequential(nn.Linear(7, 24), nn.ReLU(), nn.Linear(24, 3), nn.LogSoftmax(dim=1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
X = torch.randn(300, 7); Y = X[:, :3].argmax(1)
for epoch in range(15):
    for xb, yb in zip(X.split(30), Y.split(30)):
        opt.zero_grad()
        F.nll_loss(net(xb), yb).backward()  #+
        opt.step()
