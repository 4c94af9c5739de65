# logits are rounded to get classes; kind: accuracy-wrong
import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(600, 8); y = (X[:, 0] * X[:, 1] > 0).float().unsqueeze(1)
net = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01); crit = nn.BCEWithLogitsLoss()
def acc(out, t):
    pred = torch.round(out) #! pred = torch.round(torch.sigmoid(out))
    return (pred == t).float().mean().item() #+
for epoch in range(20):
    for i in range(0, 500, 50):
        out = net(X[i:i + 50])
        loss = crit(out, y[i:i + 50])
        opt.zero_grad(); loss.backward(); opt.step()
    print(epoch, loss.item(), acc(out, y[450:500]))
