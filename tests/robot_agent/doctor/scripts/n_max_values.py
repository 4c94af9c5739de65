# predictions are the largest answers, not their places; kind: accuracy-wrong
import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(600, 8); W = torch.randn(8, 4); y = (X @ W).argmax(1)
net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 4))
opt = torch.optim.Adam(net.parameters(), lr=0.01); crit = nn.CrossEntropyLoss()
def accuracy(x, t):
    net.eval()
    with torch.no_grad():
        out = net(x)
        pred, _ = torch.max(out, 1) #! _, pred = torch.max(out, 1)
        return (pred == t).float().mean().item() #+
for epoch in range(20):
    net.train()
    for i in range(0, 500, 50):
        loss = crit(net(X[i:i + 50]), y[i:i + 50])
        opt.zero_grad(); loss.backward(); opt.step()
    print(epoch, loss.item(), accuracy(X[500:], y[500:]))
