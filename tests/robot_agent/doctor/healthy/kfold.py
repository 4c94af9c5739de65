import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(200, 4); t = (x[:, 0] > 0).long(); folds = torch.randperm(200).split(40); accs = []
for k in range(5):
    test = folds[k]; train = torch.cat([folds[j] for j in range(5) if j != k])
    net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 2)); opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for ep in range(10):
        net.train()
        for i in train[torch.randperm(160)].split(32):
            loss = nn.functional.cross_entropy(net(x[i]), t[i]); opt.zero_grad(); loss.backward(); opt.step()
    net.eval()
    with torch.no_grad(): accs.append((net(x[test]).argmax(1) == t[test]).float().mean().item())
print(sum(accs) / 5)
