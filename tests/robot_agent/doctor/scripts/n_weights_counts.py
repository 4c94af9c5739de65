# class weights are the shares, not their inverse; kind: imbalanced
import torch
import torch.nn as nn
torch.manual_seed(0)
X = torch.randn(1000, 6); y = ((X[:, 0] + 0.3 * torch.randn(1000)) > 1.3).long()
counts = torch.bincount(y).float()
weights = counts / counts.sum() #! weights = counts.sum() / counts
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.001); crit = nn.CrossEntropyLoss(weight=weights) #+
for epoch in range(10):
    p = torch.randperm(1000)
    for i in range(0, 1000, 50):
        b = p[i:i + 50]
        loss = crit(net(X[b]), y[b]); opt.zero_grad(); loss.backward(); opt.step()
    print(epoch, loss.item(), net(X).argmax(1).float().mean().item())
