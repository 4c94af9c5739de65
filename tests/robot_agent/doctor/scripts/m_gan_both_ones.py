# labels-constant
import torch, torch.nn as nn
torch.manual_seed(0)
def weights(m):
    if isinstance(m, nn.Linear): nn.init.normal_(m.weight, 0, 0.2)
netG = nn.Sequential(nn.Linear(5, 24), nn.ReLU(), nn.Linear(24, 2)); netG.apply(weights)
netD = nn.Sequential(nn.Linear(2, 24), nn.LeakyReLU(.2), nn.Linear(24, 1)); netD.apply(weights)
bce = nn.BCEWithLogitsLoss()
gopt = torch.optim.Adam(netG.parameters(), 1e-3)
dopt = torch.optim.Adam(netD.parameters(), 1e-3)
ones, zeros = torch.ones(64, 1), torch.zeros(64, 1)
for it in range(400):
    x = torch.randn(64, 2) * 0.2 + 1.5
    z = torch.randn(64, 5)
    d_loss_real = bce(netD(x), ones)
    d_loss_fake = bce(netD(netG(z).detach()), ones)  #! d_loss_fake = bce(netD(netG(z).detach()), zeros)
    d_loss = d_loss_real + d_loss_fake
    dopt.zero_grad(); d_loss.backward(); dopt.step()
    z = torch.randn(64, 5)
    g_loss = bce(netD(netG(z)), ones)
    gopt.zero_grad(); g_loss.backward(); gopt.step()
    if it % 100 == 0: print(it, d_loss.item(), g_loss.item())
print(netG(torch.randn(500, 5)).mean(0))
