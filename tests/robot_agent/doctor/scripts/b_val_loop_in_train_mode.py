# kind: train-while-testing
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split
torch.manual_seed(0)
ds = TensorDataset(torch.randn(300, 5), torch.randint(0, 2, (300,)))
tr, va = random_split(ds, [240, 60])
net = nn.Sequential(nn.Linear(5, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 2)); opt = torch.optim.Adam(net.parameters(), 0.01)
def epoch(loader, train):
    total = correct = 0
    net.train(True)  #! net.train(train)
    for x, y in loader:
        with torch.set_grad_enabled(train):
            out = net(x)  #+
            loss = nn.functional.cross_entropy(out, y)
        if train:
            opt.zero_grad(); loss.backward(); opt.step()
        correct += (out.argmax(1) == y).sum().item(); total += len(y)
    return correct / total
for e in range(6): print(epoch(DataLoader(tr, 24, shuffle=True), True), epoch(DataLoader(va, 20), False))
